/** One message of one session. */
export interface Message {
  readonly sessionId: string;
  readonly message: string;
}

/** A server of Server-Sent Events at `GET /logs/:sessionId`. */
export interface Peer {
  readonly port: number;
  /** Clients that are connected. */
  clients(): number;
  /** Sends the messages of one turn to the clients of their sessions. */
  publish(turn: readonly Message[]): void | Promise<void>;
}

export type StartPeer = () => Promise<Peer>;

/** Messages of many sessions, read in the same process. */
export interface Queue {
  log(message: string, sessionId: string): Promise<void>;
  read(sessionId: string): AsyncIterable<string>;
  /** Readers that are open. */
  readers?(): number;
  /** Ends all readers. */
  close(): void | Promise<void>;
}

export type OpenQueue = (sessionIds: readonly string[]) => Queue | Promise<Queue>;

/** Writes entries to a file in a directory. */
export interface LogFile {
  log(message: string, sessionId: string): Promise<void>;
  /** Resolves when all lines are in the file. */
  finish(): Promise<void>;
  close(): void | Promise<void>;
}

export type OpenFile = (dir: string) => LogFile | Promise<LogFile>;

/** One process that writes entries, another that reads them, and a Redis between them. */
export interface ReplicaPeer {
  startWriter(url: string, sessionIds: readonly string[]): Promise<ReplicaWriter>;
  /** Starts a server of Server-Sent Events at `GET /logs/:sessionId`. */
  startReader(url: string): Promise<Omit<Peer, 'publish'>>;
}

export interface ReplicaWriter {
  /** Writes the messages of one turn. */
  publish(turn: readonly Message[]): void | Promise<void>;
  /** Throws where something was lost on the way to Redis. */
  check?(): void | Promise<void>;
}
