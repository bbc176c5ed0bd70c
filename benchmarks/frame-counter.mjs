const LF = 10;

/**
 * Counts the events in the bytes of one connection, cheaply: it looks for the empty line that ends an event,
 * beginning `skip` bytes behind the last one. What is shorter than that (a comment, `retry:`) is not counted,
 * as it is part of what is skipped.
 */
export class FrameCounter {
  count = 0;
  /** Bytes between the ends of two events at the least. */
  shortest = Infinity;
  #sinceEnd = 0;
  #previous = 0;

  /**
   * @param {Uint8Array} bytes
   * @param {number} length how many of them are meant
   * @param {number} skip less than the bytes of an event at the least
   */
  add(bytes, length, skip) {
    let at = 0;
    let end = -this.#sinceEnd;
    let previous = this.#previous;
    for (;;) {
      if (at < end + skip) {
        at = end + skip;
        if (at > length) break;
        if (at > 0) previous = bytes[at - 1];
      }
      while (at < length && !(bytes[at] === LF && previous === LF)) previous = bytes[at++];
      if (at >= length) break;
      at++;
      this.count++;
      if (at - end < this.shortest) this.shortest = at - end;
      end = at;
      previous = 0;
    }
    this.#sinceEnd = length - end;
    this.#previous = length > 0 && end !== length ? bytes[length - 1] : 0;
  }
}
