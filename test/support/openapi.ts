import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { SessionHttpOptions } from 'nestjs-session-logger';

/** All endpoints. */
export const ALL: SessionHttpOptions = {
  list: true,
  history: true,
  write: true,
  cancel: true,
  delete: true,
};

/** What a document says of one endpoint. */
export interface DocumentedOperation {
  readonly operationId: string;
  readonly description: string;
  readonly tags: string[];
  readonly security?: Record<string, string[]>[];
  readonly parameters: { name: string; in: string; schema: Record<string, unknown> }[];
  readonly responses: Record<string, { description: string; content?: Record<string, unknown> }>;
  readonly requestBody?: { content: Record<string, unknown> };
}

/** The document of an application, as a user makes it. */
export function documentOf(app: INestApplication, openapi?: string): OpenAPIObject {
  const config = new DocumentBuilder().setTitle('A chat').addBearerAuth();
  if (openapi !== undefined) config.setOpenAPIVersion(openapi);
  return SwaggerModule.createDocument(app, config.build());
}

/** Its endpoints by method and path, such as `get /logs`. */
export function operationsOf({ paths }: OpenAPIObject): Record<string, DocumentedOperation> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method} ${path}`, operation as unknown] as const,
    ),
  );
  return Object.fromEntries(operations) as Record<string, DocumentedOperation>;
}

/** What is wrong with a document, references to nothing included: undefined where nothing is. */
export async function faultsOf(document: OpenAPIObject): Promise<unknown> {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
  return valid ? undefined : errors;
}
