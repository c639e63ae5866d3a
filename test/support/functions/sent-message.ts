/** A message that a function sent to a queue of its platform. */
export interface SentMessage {
  /** Last part of the queue's address. */
  queue: string;
  body: string;
  /** For how long the queue keeps it back, if it was told to. */
  delaySeconds?: number;
}

/** A cloud's services around a function: its real SDK clients come here. */
export interface CloudServices {
  /** Added to a function's environment. */
  env: Readonly<Record<string, string>>;
  /** How a function's environment names a queue. */
  queueAddress(name: string): string;
  sent: SentMessage[];
  /** Messages that the queues refuse from now on, as if a right were missing. */
  refuse: (message: SentMessage) => boolean;
  close(): Promise<void>;
}
