/** Packs the gateway's program into one file. Run after `tsc -b gateway`: node gateway/bundle.cjs */
const { join } = require('node:path');
const { packProgram } = require('../esbuild.base.cjs');

/** Nest and what belongs to it ask for these where they are configured, which they are not here. */
const unused = [
  '@fastify/view',
  '@mikro-orm/*',
  '@nestjs/microservices',
  '@nestjs/mongoose',
  '@nestjs/platform-express',
  '@nestjs/sequelize',
  '@nestjs/typeorm',
  '@nestjs/websockets',
  'class-transformer',
  'class-validator',
  'file-type',
  'pkcs11js',
];

packProgram({
  entry: join(__dirname, 'dist', 'main.js'),
  file: join(__dirname, 'dist', 'program', 'gateway.js'),
  external: [...unused, '@aws-sdk/client-s3', 'fabric-common', 'fabric-network', 'swagger-ui-dist'],
});
