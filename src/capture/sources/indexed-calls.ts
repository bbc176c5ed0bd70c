import type { ReplyRecorder } from '../reply-recorder.js';

/** A piece of a call of a tool. */
export interface CallPiece {
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  readonly args?: string;
}

/** Calls of tools that come in pieces, told apart by an index; where a server sends none, by their ids. */
export class IndexedCalls {
  private readonly open = new Map<number, { readonly id: string; readonly name: string }>();

  /** @param onCall told of each call that is complete */
  constructor(private readonly onCall: (id: string, name: string) => void = () => {}) {}

  take({ index = 0, id, name, args = '' }: CallPiece, to: ReplyRecorder): void {
    const open = this.open.get(index);
    if (open === undefined || (id && id !== open.id))
      this.begin(index, id || `call-${index}`, name ?? '', to);
    to.toolInput(this.open.get(index)!.id, args);
  }

  /** All of them are complete. */
  end(to: ReplyRecorder): void {
    for (const index of this.open.keys()) this.complete(index, to);
  }

  /** With the next one those before are complete, but where a server sends pieces of several by turns. */
  private begin(index: number, id: string, name: string, to: ReplyRecorder): void {
    for (const [other, call] of this.open)
      if (other === index || to.hasWholeInput(call.id)) this.complete(other, to);
    this.open.set(index, { id, name });
    to.toolStart(id, name);
  }

  private complete(index: number, to: ReplyRecorder): void {
    const { id, name } = this.open.get(index)!;
    this.open.delete(index);
    to.toolCall(id, name);
    this.onCall(id, name);
  }
}
