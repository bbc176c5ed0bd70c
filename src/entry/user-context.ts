/** The `context` of what the user said: no part of the answer, and without tokens, whatever it looks like. */
export const USER_CONTEXT = 'user';
