import type { SessionAction } from '../../options/authorize.js';
import { SESSION_LOG_ERROR } from './answer-models.js';
import { SESSION_ID } from './entry-models.js';
import type { Model } from './model.js';
import { ref, type Schema } from './schema.js';

/** What is told of an endpoint. */
export interface Operation {
  /** The method of a controller that serves it. */
  readonly handler: string;
  /** What `authorize` is asked. */
  readonly action: SessionAction;
  /** The option that switches it on; the stream has none. */
  readonly option?: 'list' | 'history' | 'write' | 'cancel' | 'delete';
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Body;
  readonly responses: Readonly<Record<number, Answer>>;
  /** Those that it refers to. */
  readonly models: readonly Model[];
}

/** What a request may say. */
export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  /** One of the path always is. Default false. */
  readonly required?: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** What a request may bring. */
export interface Body {
  readonly types: readonly string[];
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** What a request may be answered with. */
export interface Answer {
  readonly description: string;
  readonly headers?: Record<string, { description: string; schema: Schema }>;
  readonly content?: Record<string, { schema: Schema }>;
}

export const SESSION_PARAMETER: Parameter = {
  in: 'path',
  name: 'sessionId',
  description: 'The session.',
  schema: SESSION_ID,
};

/** Where a client may say how long a page is to be. */
export const limitParameter = (schema: Pick<Schema, 'default' | 'maximum'>): Parameter => ({
  in: 'query',
  name: 'limit',
  description: 'How much a page has at the most.',
  schema: { type: 'integer', minimum: 1, ...schema },
});

/** An answer that is JSON. */
export const json = (model: Model, description: string): Answer => ({
  description,
  content: { 'application/json': { schema: ref(model.name) } },
});

/** A refusal. */
export const refused = (description: string): Answer => json(SESSION_LOG_ERROR, description);

export const UNAVAILABLE: Answer = {
  ...refused('It cannot be done at present; try again later.'),
  headers: {
    'Retry-After': { description: 'Seconds, where it is known when.', schema: { type: 'integer' } },
  },
};

export const FAILED: Answer = refused('It could not be done; the log of the application tells why.');
