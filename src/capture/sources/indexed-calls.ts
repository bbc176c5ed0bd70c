import type { ReplyRecorder } from '../reply-recorder.js';
import { newCallId } from './new-call-id.js';

/** A piece of a call of a tool. */
export interface CallPiece {
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  /** JSON in pieces; some servers give it whole, and read. */
  readonly args?: unknown;
}

/** Calls of tools that come in pieces, told apart by an index; where a server sends none, by their ids. */
export class IndexedCalls {
  private readonly open = new Map<number, { readonly id: string; readonly name: string }>();
  /** The ids of those that are complete, the last one of each index. */
  private readonly done = new Map<number, string>();

  /** @param onCall told of each call that is complete */
  constructor(private readonly onCall: (id: string, name: string) => void = () => {}) {}

  take({ index = 0, id, name, args }: CallPiece, to: ReplyRecorder): void {
    if (this.isNext(index, id, name, to)) this.begin(index, id || newCallId(), name ?? '', to);
    // All that can follow arguments that are complete is white space.
    const call = this.open.get(index);
    if (call !== undefined && args != null)
      to.toolInput(call.id, typeof args === 'string' ? args : JSON.stringify(args));
  }

  /** What is complete by itself is, and the call that has returned. */
  settle(to: ReplyRecorder, returned?: string): void {
    for (const [index, { id }] of this.open)
      if (id === returned || to.hasWholeInput(id)) this.complete(index, to);
  }

  /** All of them are complete. */
  end(to: ReplyRecorder): void {
    for (const index of this.open.keys()) this.complete(index, to);
  }

  /** Where there are no ids, a call begins with its name. */
  private isNext(
    index: number,
    id: string | undefined,
    name: string | undefined,
    to: ReplyRecorder,
  ): boolean {
    const open = this.open.get(index);
    const last = open?.id ?? this.done.get(index);
    if (last === undefined) return true;
    if (id) return id !== last;
    return Boolean(name) && (open === undefined || to.hasWholeInput(open.id));
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
    this.done.set(index, id);
    to.toolCall(id, name);
    this.onCall(id, name);
  }
}
