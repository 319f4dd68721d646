/** Ports that were free a moment ago; all are held until the last is known, so none comes twice. */
export declare function freePorts(count: number): Promise<number[]>;
