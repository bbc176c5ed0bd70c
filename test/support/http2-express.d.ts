declare module 'http2-express' {
  import type express from 'express';

  /** An Express application that also takes requests of HTTP/2. */
  export default function createHttp2Express(from: typeof express): express.Express;
}
