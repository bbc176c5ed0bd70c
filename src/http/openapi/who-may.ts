import type { SessionAction } from '../../options/authorize.js';
import type { ResolvedOptions } from '../../options/resolve-options.js';
import { isOpen } from '../session-access.js';
import { refused, type Answer } from './operation.js';

/** Who may use an endpoint, in words and as what others are answered. */
export interface WhoMay {
  readonly text: string;
  readonly responses: Readonly<Record<number, Answer>>;
}

const UNAUTHORIZED: Answer = { description: 'The application wants to know who asks.' };
const FORBIDDEN = refused('Not allowed, whether there is such a session or not.');

/** Tells it of one action. */
export function whoMay(http: ResolvedOptions['http'], action: SessionAction): WhoMay {
  const { authorize, guards } = http;
  if (!isOpen(http)) return { text: 'Nobody may: nothing decides who may.', responses: { 403: FORBIDDEN } };
  const isAsked = authorize !== undefined && authorize !== 'none';
  if (!isAsked && guards.length === 0) return { text: 'Everybody may.', responses: {} };
  const who = isAsked
    ? `The application decides who may, by the action \`${action}\`.`
    : 'Guards decide who may.';
  return { text: who, responses: { 401: UNAUTHORIZED, 403: FORBIDDEN } };
}
