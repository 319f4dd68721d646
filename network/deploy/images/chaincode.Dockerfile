# The chaincode as a service. Build it from the root of the repository:
#   docker build -f network/deploy/images/chaincode.Dockerfile -t procurement/chaincode:0.1.0 .
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund \
  && npx tsc -b chaincode \
  && node chaincode/bundle.cjs

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /application
# The packages that the bundle leaves outside, in the versions of the lock file.
COPY --from=build /source/package.json /source/package-lock.json /source/.npmrc ./
COPY --from=build /source/chaincode/package.json chaincode/
COPY --from=build /source/protocol/package.json protocol/
COPY --from=build /source/sealed/package.json sealed/
RUN npm ci --omit=dev --no-audit --no-fund --workspace @procurement/chaincode
COPY --from=build /source/chaincode/dist/package chaincode/package
ENV PATH=/application/node_modules/.bin:$PATH
WORKDIR /application/chaincode/package
USER node
ENTRYPOINT []
# Address, package id and TLS files come with the command of the Compose file or the manifest.
CMD ["fabric-chaincode-node", "server", "--help"]
