export class FrameCounter {
  count: number;
  shortest: number;
  add(bytes: Uint8Array, length: number, skip: number): void;
}
