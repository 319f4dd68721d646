import { ledger, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import type { KeyModification } from '../state/history';
import type { SimulatedRange } from '../state/simulated-range';
import type { RowIterator } from '../state/versioned-value';

/** Results in one message to the chaincode (Fabric: `maxResultLimit`). */
const RESULTS_PER_MESSAGE = 100;
/** Results of one query in all; more are silently left out (Fabric: `totalQueryLimit`). */
const RESULTS_PER_QUERY = 100_000;

/** Where the results of a query come from, one serialized result at a time. */
export interface ResultSource {
  next(): Promise<Uint8Array | undefined>;
  /** Where the next page starts; only pages have it. */
  bookmark?(): Promise<string>;
  close(): Promise<void>;
}

/** An open query of the chaincode. */
export interface OpenQuery {
  readonly id: string;
  readonly source: ResultSource;
  /** Most results; pages end there. */
  readonly limit: number;
  /** Results read but not sent yet. */
  pending: Uint8Array[];
  /** Results read so far. */
  count: number;
}

/**
 * Opens a query.
 * @param query.pageSize rows of a page; absent or 0 = no pages
 */
export function openQuery(query: {
  id: string;
  source: ResultSource;
  pageSize?: number;
}): OpenQuery {
  const pageSize = query.pageSize ?? 0;
  const limit = pageSize > 0 ? Math.min(pageSize, RESULTS_PER_QUERY) : RESULTS_PER_QUERY;
  return { id: query.id, source: query.source, limit, pending: [], count: 0 };
}

/** The rows of a range, as `queryresult.KV`. */
export function rangeResults(namespace: string, rows: RowIterator): ResultSource {
  return {
    async next() {
      const row = await rows.next();
      if (!row) return undefined;
      const result = new ledger.queryresult.KV();
      result.setNamespace(namespace);
      result.setKey(row.key);
      result.setValue(row.value);
      return result.serializeBinary();
    },
    close: () => rows.close(),
  };
}

/** As `rangeResults` for one page. */
export function pageResults(namespace: string, page: SimulatedRange): ResultSource {
  return { ...rangeResults(namespace, page), bookmark: () => page.bookmark() };
}

function modificationResult(modification: KeyModification): Uint8Array {
  const timestamp = new Timestamp();
  timestamp.setSeconds(modification.timestamp.seconds);
  timestamp.setNanos(modification.timestamp.nanos);
  const result = new ledger.queryresult.KeyModification();
  result.setTxId(modification.txId);
  result.setValue(modification.value);
  result.setTimestamp(timestamp);
  result.setIsDelete(modification.isDelete);
  return result.serializeBinary();
}

/** Results of a key's history, as `queryresult.KeyModification`. */
export function historyResults(history: AsyncGenerator<KeyModification, undefined>): ResultSource {
  return {
    async next() {
      const { value } = await history.next();
      return value && modificationResult(value);
    },
    async close() {
      await history.return(undefined);
    },
  };
}

/** A message to the chaincode and whether the query is finished with it. */
export interface QueryBatch {
  /** Serialized `peer.QueryResponse`. */
  readonly response: Uint8Array;
  readonly isLast: boolean;
}

function encodeResponse(
  query: OpenQuery,
  parts: { hasMore: boolean; metadata?: Uint8Array },
): QueryBatch {
  const response = new peer.QueryResponse();
  response.setId(query.id);
  response.setHasMore(parts.hasMore);
  response.setResultsList(
    query.pending.map((bytes) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(bytes);
      return result;
    }),
  );
  if (parts.metadata) response.setMetadata(parts.metadata);
  query.pending = [];
  return { response: response.serializeBinary(), isLast: !parts.hasMore };
}

async function pageMetadata(query: OpenQuery): Promise<Uint8Array | undefined> {
  if (!query.source.bookmark) return undefined;
  const metadata = new peer.QueryResponseMetadata();
  metadata.setFetchedRecordsCount(query.count);
  metadata.setBookmark(await query.source.bookmark());
  return metadata.serializeBinary();
}

/**
 * The next message of a query (Fabric: `query_response_generator.go`). A full message is sent only
 * once a further result is known, because a chaincode that was told of more must get some.
 */
export async function nextBatch(query: OpenQuery): Promise<QueryBatch> {
  const isPage = query.source.bookmark !== undefined;
  while (query.count < query.limit) {
    const result = await query.source.next();
    if (!result) break;
    query.count += 1;
    if (!isPage && query.pending.length === RESULTS_PER_MESSAGE) {
      const batch = encodeResponse(query, { hasMore: true });
      query.pending = [result];
      return batch;
    }
    query.pending.push(result);
  }
  const metadata = await pageMetadata(query);
  return encodeResponse(query, metadata ? { hasMore: false, metadata } : { hasMore: false });
}
