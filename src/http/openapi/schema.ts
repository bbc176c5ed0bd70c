/** The part of JSON Schema that is used here, as OpenAPI 3.0 writes it. */
export interface Schema {
  type?: 'string' | 'integer' | 'boolean' | 'object' | 'array';
  description?: string;
  enum?: (string | boolean)[];
  format?: string;
  pattern?: string;
  example?: string | number;
  default?: string | number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  items?: Schema;
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
}

/** Refers to a schema among the components of a document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
