/**
 * The import rules of the rooms (docs/STYLE.md). An arrow that is not allowed fails the check.
 */
const rooms = ['protocol', 'sealed', 'chaincode', 'gateway', 'client', 'network', 'test', 'tools'];

/** What a room may import of the others. */
const allowed = {
  protocol: [],
  sealed: ['protocol'],
  chaincode: ['protocol', 'sealed'],
  gateway: ['protocol', 'sealed'],
  client: ['protocol', 'sealed'],
  network: [],
};

const roomRules = Object.entries(allowed).map(([room, may]) => ({
  name: `${room}-imports-only-${may.join('-and-') || 'itself'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: `^(${rooms.filter((other) => other !== room && !may.includes(other)).join('|')})/` },
}));

const only = (name, comment, from, to, except) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, ...(except ? { pathNot: except } : {}) },
  to: { path: to },
});

const TESTS = '[.]test[.]ts$|/test-support/|[.]test-support[.]ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...roomRules,
    only(
      'protocol-needs-zod-only',
      'bytes and types, no platform',
      '^protocol/src/(?!fabric/)',
      '^(node_modules/(?!zod|fast-check|@jest|canonicalize)|node:|fs|path|crypto|buffer)',
      TESTS,
    ),
    only(
      'protocol-fabric-needs-messages-only',
      'messages without grpc',
      '^protocol/src/fabric',
      '^(node_modules/(?!@hyperledger/fabric-protos/lib/.*_pb|google-protobuf)|.*_grpc_pb|node:)',
      TESTS,
    ),
    only(
      'domain-is-paper-and-ink',
      'rules know no Fabric',
      '^chaincode/src/domain',
      '^(chaincode/src/(ledger|contracts)|node_modules/fabric-|sealed/)',
      TESTS,
    ),
    only(
      'ledger-has-no-rules',
      'keys know no contracts',
      '^chaincode/src/ledger',
      '^chaincode/src/contracts',
      TESTS,
    ),
    only(
      'only-adapters-know-fabric',
      'one port, two adapters',
      '^gateway/src/',
      'node_modules/(@hyperledger/fabric-gateway|fabric-network|fabric-common|@grpc/grpc-js)',
      '^gateway/src/ledger/adapters/|[.]test[.]ts$',
    ),
    only(
      'client-has-no-grpc',
      'a browser runs it',
      '^client/src',
      'node_modules/(@grpc|@hyperledger/fabric-gateway|fabric-|@hyperledger/.*_grpc_pb)',
    ),
    only(
      'client-core-is-browser-safe',
      'only the CLI is Node',
      '^client/src/(?!cli/)',
      '^(node:|fs$|path$|os$|crypto$)',
      TESTS,
    ),
    only(
      'sealed-is-browser-safe',
      'a browser runs it',
      '^sealed/src',
      '^(node:|fs$|path$|os$|crypto$|buffer$)',
      TESTS,
    ),
    only(
      'topology-imports-nothing',
      'data and its checks',
      '^network/topology[.]ts',
      '^(?!network/topology)',
    ),
    only(
      'lifecycle-knows-no-embedded-network',
      'it deploys on real peers too',
      '^network/lifecycle/',
      '^network/(?!lifecycle/|messages/|topology)',
      TESTS,
    ),
    only(
      'config-updates-know-no-embedded-network',
      'they change real channels too',
      '^network/config-update/',
      '^network/(?!config-update/|messages/|topology)',
      TESTS,
    ),
    only(
      'messages-know-no-network',
      'they are made for real nodes too',
      '^network/messages/',
      '^network/(?!messages/)',
    ),
    only(
      'conformance-knows-no-embedded-network',
      'one suite for every network; only the driver knows which it is',
      '^test/src/conformance/',
      '^network/embedded/',
      '/embedded-driver[.]ts$',
    ),
    only(
      'what-real-fabric-needs-knows-no-embedded-network',
      'keys, packages and files of a topology are the same for both',
      '^network/(certificates|chaincode-service|crypto|deploy|fabric|identity-source|machine|topology-file)/',
      '^network/(embedded|command)/(?!command-line)',
      TESTS,
    ),
    {
      name: 'real-fabric-loads-no-embedded-network',
      comment: 'npm run fabric, npm run render and npm run identity',
      severity: 'error',
      from: { path: '^(tools/fabric|network/deploy|network/identity-source)/main[.]ts$' },
      to: { path: '^network/embedded/', reachable: true },
    },
    only(
      'crypto-knows-no-certificates',
      'hashes and signatures, for whatever is signed',
      '^network/(crypto|machine)/',
      '^network/(?!crypto/|machine/)',
    ),
    only(
      'network-never-loads-the-shim',
      'the shim sets process-wide TLS settings',
      '^network/(?!embedded/fixtures/)',
      'node_modules/fabric-(shim|contract-api|network)',
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.depcruise.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
