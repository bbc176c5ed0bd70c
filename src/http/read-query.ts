import { BadRequestException, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/**
 * Reads what a query says by the decorators of a class; what the class does not know is passed over.
 *
 * @param names the properties of the class
 * @throws BadRequestException which names each wrong one
 */
export function readQuery<T extends object>(
  Query: Type<T>,
  names: readonly (keyof T & string)[],
  query: unknown,
): T {
  const given = query as Record<string, unknown>;
  const known = names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]] as const);
  const dto = plainToInstance(Query, Object.fromEntries(known));
  const errors = validateSync(dto);
  if (errors.length === 0) return dto;
  throw new BadRequestException(errors.flatMap((error) => Object.values(error.constraints ?? {})));
}
