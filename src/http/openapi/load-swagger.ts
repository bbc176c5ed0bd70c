import type * as NestSwagger from '@nestjs/swagger';

/** The package `@nestjs/swagger`. */
export type Swagger = typeof NestSwagger;

/** How Node, Jest and Yarn say that the package itself is not there. What it lacks itself is another matter. */
const ABSENT = /^(Cannot find (package|module) '| ?\S+ tried to access )@nestjs\/swagger\b/;

/**
 * Loads `@nestjs/swagger`; undefined where the application has none.
 *
 * @throws whatever loading it threw otherwise
 */
export async function loadSwagger(): Promise<Swagger | undefined> {
  try {
    const loaded: Partial<Swagger> & { readonly default?: Swagger } = await import('@nestjs/swagger');
    // Not all loaders find the names that a CommonJS package exports.
    return loaded.ApiOperation === undefined ? loaded.default : (loaded as Swagger);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing && typeof message === 'string' && ABSENT.test(message);
}
