import { createParamDecorator } from '@nestjs/common';
import { currentSessionId } from '../entry/current-session.js';

/** Gives a handler the id of the session that it is called in, or undefined; takes pipes. */
export const SessionId = createParamDecorator(() => currentSessionId());
