/** One part of a stack. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  /** Says that its end will be no fault, whoever brings it about. */
  expectEnd?(): void;
  /** Ends it, by force if need be, and waits until its process is gone. */
  stop(): Promise<void>;
}
