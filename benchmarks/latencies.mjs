/**
 * Milliseconds from the time that each message begins with until it is here, on the clock that all processes share.
 * Behind the time it has its number, counted from 0: all have to come, in order.
 *
 * @param {AsyncIterable<string>} messages
 * @param {{ skip: number, count: number }} wanted
 * @returns {Promise<number[]>} of `count` messages behind the first `skip`
 */
export async function latenciesOf(messages, { skip, count }) {
  const latencies = [];
  let next = 0;
  for await (const message of messages) {
    const now = process.hrtime.bigint();
    const [sent, number] = message.split(' ', 2);
    if (Number(number) !== next) throw new Error(`message ${number} came where ${next} was due`);
    if (next++ >= skip) latencies.push(Number(now - BigInt(sent)) / 1e6);
    if (latencies.length === count) return latencies;
  }
  throw new Error(`only ${next} messages came`);
}
