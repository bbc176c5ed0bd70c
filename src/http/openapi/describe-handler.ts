import type { ResolvedOptions } from '../../options/resolve-options.js';
import type { Swagger } from './load-swagger.js';
import type { Answer, Body, Operation, Parameter } from './operation.js';
import { whoMay } from './who-may.js';

/** The decorators that tell an endpoint; one that is switched off is left out of a document. */
export function decoratorsOf(
  swagger: Swagger,
  operation: Operation,
  http: ResolvedOptions['http'],
  security: readonly string[],
): MethodDecorator[] {
  const { option, action, summary, description, parameters, body, responses, models } = operation;
  if (option !== undefined && !http[option]) return [swagger.ApiExcludeEndpoint()];
  const access = whoMay(http, action);
  return [
    swagger.ApiOperation({ summary, description: `${description}\n\n${access.text}` }),
    swagger.ApiExtraModels(...models.map(({ type }) => type)),
    ...parameters.map((parameter) => parameterDecorator(swagger, parameter)),
    ...(body === undefined ? [] : bodyDecorators(swagger, body)),
    ...Object.entries({ ...responses, ...access.responses }).map(([status, answer]) =>
      responseDecorator(swagger, Number(status), answer),
    ),
    ...security.map((name) => swagger.ApiSecurity(name)),
  ];
}

type QueryOptions = Parameters<Swagger['ApiQuery']>[0];

function parameterDecorator(swagger: Swagger, { in: place, ...parameter }: Parameter): MethodDecorator {
  const options = { required: place === 'path', ...parameter } as QueryOptions & { name: string };
  if (place === 'path') return swagger.ApiParam(options);
  return place === 'query' ? swagger.ApiQuery(options) : swagger.ApiHeader(options);
}

function bodyDecorators(swagger: Swagger, { types, ...body }: Body): MethodDecorator[] {
  return [swagger.ApiConsumes(...types), swagger.ApiBody(body)];
}

function responseDecorator(swagger: Swagger, status: number, answer: Answer): MethodDecorator {
  return swagger.ApiResponse({ status, ...answer });
}
