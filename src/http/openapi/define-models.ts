import type { Swagger } from './load-swagger.js';
import type { Model } from './model.js';
import { tellAnew } from './tell-anew.js';

/** Has routes that name the type of a model, and ours, find its schema. Doing it again changes nothing. */
export function defineModels({ ApiProperty, ApiSchema }: Swagger, models: readonly Model[]): void {
  for (const { type, name, description, properties, optional } of models) {
    tellAnew(type, () => ApiSchema({ name, description })(type));
    for (const [key, schema] of Object.entries(properties)) {
      // Where a schema is made of others it takes none for its own, and yet will not do without one.
      const options = { type: 'object', ...schema, required: !optional.includes(key) };
      ApiProperty(options as Parameters<Swagger['ApiProperty']>[0])(type.prototype as object, key);
    }
  }
}
