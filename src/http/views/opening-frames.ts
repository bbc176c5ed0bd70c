import type { SessionSegmentEvent } from '../../segments/session-segment.js';
import { eventFrame } from './segment-frames.js';

type Snapshot = Extract<SessionSegmentEvent, { type: 'snapshot' }>;

/** Characters of a piece, by estimate: what a client that does not read holds, as with records. */
const PIECE = 256 * 1024;

/**
 * The frames of what is told first, in pieces. A snapshot that is long goes on as segments that start; only its last event
 * has an id, so that who is cut off before it is given all of it again.
 */
export function* openingFrames(events: readonly SessionSegmentEvent[]): Generator<string, undefined> {
  for (const event of events) {
    if (event.type !== 'snapshot') yield eventFrame(event);
    else yield* snapshotFrames(event);
  }
}

/** No segment is divided. */
function* snapshotFrames({ id, segments, missed }: Snapshot): Generator<string, undefined> {
  const head = missed === undefined ? '' : `"missed":${missed},`;
  let given = 0;
  do {
    const isFirst = given === 0;
    const piece: string[] = [];
    for (let left = PIECE; left > 0 && given < segments.length; left -= piece.at(-1)!.length)
      piece.push(JSON.stringify(segments[given++]));
    const updates = isFirst
      ? [`{"type":"snapshot",${head}"segments":[${piece.join(',')}]}`]
      : piece.map((segment) => `{"type":"start","segment":${segment}}`);
    const last = given === segments.length ? `id: ${id}\n` : '';
    const frames = updates.map((update) => `data: ${update}\n\n`);
    yield frames.slice(0, -1).join('') + last + frames.at(-1)!;
  } while (given < segments.length);
}
