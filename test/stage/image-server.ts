/** A simplestreams server with one image, as LXD's own remotes are (Simple Streams, "products:1.0"). */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ImageServer {
  url: string;
  /** Paths that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

export interface ImageServerOptions {
  /** Where to listen; the test's own address for the hosts. */
  address: string;
  aliases: string;
  /** A unified tarball of metadata.yaml and rootfs; absent: a list without files. */
  file?: string;
}

/** Serves until it is closed. */
export async function startImageServer({ address, aliases, file }: ImageServerOptions): Promise<ImageServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (path === '/streams/v1/index.json') response.end(JSON.stringify(INDEX));
    else if (path === '/streams/v1/images.json') response.end(JSON.stringify(productsOf(aliases, file)));
    else if (path === '/images/one.tar' && file !== undefined) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  }).listen(0, address);
  await once(server, 'listening');
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const INDEX = {
  format: 'index:1.0',
  index: {
    images: {
      datatype: 'image-downloads',
      path: 'streams/v1/images.json',
      format: 'products:1.0',
      products: ['one'],
    },
    other: { datatype: 'image-ids', path: 'streams/v1/ids.json', format: 'products:1.0', products: [] },
  },
};

function productsOf(aliases: string, file: string | undefined): object {
  const items =
    file === undefined
      ? {}
      : {
          'lxd_combined.tar.gz': {
            ftype: 'lxd_combined.tar.gz',
            path: 'images/one.tar',
            size: statSync(file).size,
            sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
          },
        };
  const about = { arch: 'amd64', os: 'Lab', release: '1', release_title: '1', variant: 'default' };
  return {
    content_id: 'images',
    datatype: 'image-downloads',
    format: 'products:1.0',
    products: { one: { ...about, aliases, versions: { '20260101_00:00': { items } } } },
  };
}
