import { readFileSync } from 'node:fs';

/**
 * Milliseconds for which the kernel has been short of memory for TCP since it was started: it then drops segments
 * and shrinks windows of all connections, whatever the server does. 0 where the kernel does not tell.
 */
export function msOfTcpPressure(): number {
  try {
    const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n');
    const at = names.split(' ').indexOf('TCPMemoryPressuresChrono');
    return Number(values.split(' ')[at] ?? 0);
  } catch {
    return 0;
  }
}
