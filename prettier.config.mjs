export default {
  printWidth: 100,
  singleQuote: true,
  trailingComma: 'all',
  // Any Node must be able to read this one, and a comma after a last argument is younger than some.
  overrides: [{ files: 'tools/run.cjs', options: { trailingComma: 'none' } }],
};
