import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { SESSION_ID_PATTERN } from 'nestjs-session-logger';

const MAX_MESSAGE_LENGTH = 8_000;

export class ChatRequest {
  @IsString()
  @Matches(/\S/, { message: 'message must not be empty' })
  @MaxLength(MAX_MESSAGE_LENGTH)
  readonly message!: string;

  /** The session to go on with; without it a new one begins. */
  @IsOptional()
  @Matches(SESSION_ID_PATTERN)
  readonly sessionId?: string;
}
