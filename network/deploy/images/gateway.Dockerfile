# The gateway. Build it from the root of the repository:
#   docker build -f network/deploy/images/gateway.Dockerfile -t procurement/gateway:0.1.0 .
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /source
COPY . .
RUN npm ci --no-audit --no-fund \
  && npx tsc -b gateway \
  && node gateway/bundle.cjs

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /application
# The packages that the program leaves outside, in the versions of the lock file.
COPY --from=build /source/package.json /source/package-lock.json /source/.npmrc ./
COPY --from=build /source/gateway/package.json gateway/
COPY --from=build /source/protocol/package.json protocol/
COPY --from=build /source/sealed/package.json sealed/
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund --workspace @procurement/gateway
COPY --from=build /source/gateway/dist/program gateway/dist/program
# A new volume takes its owner from here.
RUN mkdir /var/lib/procurement && chown node:node /var/lib/procurement
USER node
CMD ["node", "gateway/dist/program/gateway.js"]
