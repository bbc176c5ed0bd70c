import { isISO8601, ValidateBy } from 'class-validator';

/** Asks for a time in ISO 8601 that `Date.parse` can read: it knows no weeks, no days of the year and no basic format. */
export const IsTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTime',
    validator: {
      validate: (value: unknown) =>
        isISO8601(value, { strict: true }) && !Number.isNaN(Date.parse(String(value))),
      defaultMessage: (args) =>
        `${args?.property} must be a time in ISO 8601, such as 2026-11-20 or 2026-11-20T12:00:00Z`,
    },
  });
