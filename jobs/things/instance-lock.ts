/** The name of the lock under which one instance is changed: LXD's own check of ETags does not hold on to it (measured on 5.0.2). */
export function instanceLock({ host, instance }: { host: string; instance: string }): string {
  return `instance:${host}/${instance}`;
}
