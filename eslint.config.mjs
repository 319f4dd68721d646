import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What a transaction may not ask, since two endorsers would get two answers. */
const nondeterministicGlobals = [
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'Intl',
].map((name) => ({
  name,
  message: 'Endorsers must agree: no environment, network, timer or locale here.',
}));
const nondeterministicProperties = [
  { object: 'Date', property: 'now', message: 'Only ledger/clock.ts reads a clock.' },
  { object: 'Math', property: 'random', message: 'Endorsers must agree: no randomness here.' },
  { object: 'crypto', property: 'getRandomValues', message: 'Endorsers must agree.' },
  { object: 'crypto', property: 'randomUUID', message: 'Endorsers must agree.' },
  ...['toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase', 'localeCompare'].map(
    (property) => ({
      property,
      message: 'Endorsers must agree: no locale here.',
    }),
  ),
];

/** What a stub offers and a contract here never asks: docs/ATTACKS.md, rows 8, 25, 28 to 33 and 58. */
const forbiddenOfStub = [
  ...['getQueryResult', 'getQueryResultWithPagination', 'getPrivateDataQueryResult'].map(
    (property) => [property, 'A rich query is not checked for phantoms.'],
  ),
  ...['getPrivateData', 'getPrivateDataHash', 'putPrivateData', 'deletePrivateData'].map(
    (property) => [
      property,
      'Secrets are sealed on their owner’s device; no collection holds any.',
    ],
  ),
  ['getTransient', 'Transient data stands in the logs of peers.'],
  ['invokeChaincode', 'What another channel says is not checked when it is ordered.'],
].map(([property, message]) => ({ property, message }));

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', 'data/', 'data-fabric/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      complexity: ['error', 10],
      'max-lines-per-function': ['error', { max: 70 }],
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // tsconfig has noPropertyAccessFromIndexSignature, which asks for the brackets.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['**/*.test.ts', '**/test-support/**', '**/*.test-support.ts', 'test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['chaincode/src/**/*.ts'],
    ignores: [
      '**/*.test.ts',
      'chaincode/src/test-support/**',
      'chaincode/src/ledger/clock.ts',
      'chaincode/src/process-faults.ts',
      'chaincode/src/settings.ts',
    ],
    rules: {
      'no-restricted-globals': ['error', ...nondeterministicGlobals],
      'no-restricted-properties': ['error', ...nondeterministicProperties, ...forbiddenOfStub],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Only ledger/clock.ts reads a clock.',
        },
      ],
    },
  },
  {
    files: ['tools/**', 'client/src/cli/**', 'test/src/bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.cjs', '**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        require: 'readonly',
        module: 'writable',
        process: 'readonly',
        console: 'readonly',
        __dirname: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
);
