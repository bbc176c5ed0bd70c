import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

interface AnyObject {
  [key: string]: unknown;
}

/** What a document says of answers, as schemas that allow for nothing that they do not name. */
export class AnswerSchemas {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly document: AnyObject;

  constructor(document: OpenAPIObject) {
    this.document = closed(structuredClone(document) as unknown as AnyObject);
    addFormats.default(this.ajv);
    this.ajv.addSchema(this.document, 'document');
  }

  /** What is wrong with an answer, its status and type included; nothing where all is well. */
  faultsOf(operation: string, status: number, type: string | null, body: unknown): unknown {
    const [method, path] = operation.split(' ') as [string, string];
    const pointer = ['paths', path, method, 'responses', String(status)];
    const answer = this.at(pointer) as { content?: AnyObject } | undefined;
    if (answer === undefined) return `status ${status} is not documented`;
    if (answer.content === undefined) return undefined;
    const mediaType = String(type).split(';')[0]!;
    if (!(mediaType in answer.content)) return `type ${mediaType} is not documented`;
    return this.faultsBy([...pointer, 'content', mediaType, 'schema'], body);
  }

  /** What is wrong with a value by a schema among the components. */
  faultsByName(name: string, value: unknown): unknown {
    return this.faultsBy(['components', 'schemas', name], value);
  }

  /** The properties that a schema among the components names. */
  propertiesOf(name: string): string[] {
    const { properties } = this.at(['components', 'schemas', name]) as { properties: AnyObject };
    return Object.keys(properties).toSorted();
  }

  private faultsBy(pointer: readonly string[], value: unknown): unknown {
    const fragment = pointer.map((key) =>
      encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const id = `document#/${fragment.join('/')}`;
    const validate: ValidateFunction = this.ajv.getSchema(id) ?? this.ajv.compile({ $ref: id });
    return validate(value) ? undefined : validate.errors;
  }

  private at(pointer: readonly string[]): unknown {
    return pointer.reduce<unknown>((value, key) => (value as AnyObject | undefined)?.[key], this.document);
  }
}

/** Has each object of the schemas have no more properties than are named. */
function closed(document: AnyObject): AnyObject {
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const schema = value as AnyObject;
    if (schema.type === 'object' && schema.properties !== undefined) schema.additionalProperties ??= false;
    Object.values(value).forEach(visit);
  };
  visit((document.components as AnyObject).schemas);
  return document;
}
