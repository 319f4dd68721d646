/** The class behind `fabric-chaincode-node`, for which the shim ships no types. */
declare module 'fabric-shim/lib/contract-spi/chaincodefromcontract' {
  interface Response {
    status: number;
    message?: string;
    payload?: Uint8Array;
  }
  interface Stub {
    getBufferArgs(): readonly Uint8Array[];
  }
  class ChaincodeFromContract {
    constructor(
      contracts: readonly unknown[],
      serializers: unknown,
      metadata?: object,
      title?: string,
      version?: string,
    );
    invokeFunctionality(stub: Stub): Promise<Response>;
    Invoke(stub: Stub): Promise<Response>;
  }
  export = ChaincodeFromContract;
}
