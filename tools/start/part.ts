/** One part of a stack. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  stop(): Promise<void>;
}
