import { FolderObjects } from './folder-objects.ts'
import { isBucket, type Objects } from './objects.ts'

/**
 * The objects of a place: of a folder, or of `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`, where endpoint and region
 * come from the environment too.
 *
 * @throws UsageError `bucket` where a name of a bucket says too little.
 * @example const objects = await openObjects('s3://shop-points/ledger?endpoint=https://minio.example:9000')
 */
export async function openObjects(place: string): Promise<Objects> {
  if (!isBucket(place)) return new FolderObjects(place)
  const { BucketObjects } = await import('./bucket-objects.ts')
  return BucketObjects.open(place)
}
