/** Rooms are tested from their sources, so that no stale build is ever tested. */
const swc = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

module.exports = {
  testEnvironment: 'node',
  roots: ['protocol', 'sealed', 'chaincode', 'gateway', 'client', 'network', 'test', 'tools'].map(
    (room) => `<rootDir>/${room}`,
  ),
  testMatch: ['**/*.test.ts'],
  // Those need Fabric itself: npm run test:fabric.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.TEST_FABRIC ? [] : ['/test/src/native/']),
  ],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.[cm]?[jt]s$': ['@swc/jest', swc] },
  // These are published as ES modules only, which Jest cannot require.
  transformIgnorePatterns: ['/node_modules/(?!@noble/|canonicalize/)'],
  moduleNameMapper: {
    // It offers no entry for require.
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
    '^@procurement/network$': '<rootDir>/network/embedded/src/index.ts',
    '^@procurement/network/jest$': '<rootDir>/network/embedded/src/jest.ts',
    '^@procurement/network/topology$': '<rootDir>/network/topology.ts',
    '^@procurement/network/topologies/(.*)$': '<rootDir>/network/topologies/$1.ts',
    '^@procurement/network/command/(.*)$': '<rootDir>/network/command/$1.ts',
    '^@procurement/network/fabric/(.*)$': '<rootDir>/network/fabric/$1.ts',
    '^@procurement/network/identity-source/(.*)$': '<rootDir>/network/identity-source/$1.ts',
    '^@procurement/network/messages/(.*)$': '<rootDir>/network/messages/$1.ts',
    '^@procurement/network/lifecycle/(.*)$': '<rootDir>/network/lifecycle/$1.ts',
    '^@procurement/tools/(.*)$': '<rootDir>/tools/$1.ts',
    '^@procurement/client/ca-transport$': '<rootDir>/client/src/cli/folder/ca-transport.ts',
    '^@procurement/client/cli$': '<rootDir>/client/src/cli/run.ts',
    '^@procurement/client/test-support/(.*)$': '<rootDir>/client/src/test-support/$1.ts',
    '^@procurement/client/key-folder$': '<rootDir>/client/src/cli/folder/key-folder.ts',
    '^@procurement/chaincode/test-support/(.*)$': '<rootDir>/chaincode/src/test-support/$1.ts',
    '^@procurement/gateway$': '<rootDir>/gateway/src/index.ts',
    '^@procurement/protocol/fabric$': '<rootDir>/protocol/src/fabric/index.ts',
    '^@procurement/(protocol|sealed|chaincode|client)$': '<rootDir>/$1/src/index.ts',
  },
  // Tests wait for processes more than they calculate; by default one core would stay idle. More
  // workers than cores gain nothing: whole systems slow each other down, and deadlines with them.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/tools/test-sequencer.cjs',
  reporters: ['default', '<rootDir>/tools/count-reporter.cjs'],
  testTimeout: 60_000,
};
