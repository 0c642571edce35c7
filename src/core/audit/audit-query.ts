/** What people ask of the audit. */
import type { AuditTarget } from './audit-entry.ts';
import type { ExportFormat } from './audit-export.ts';

/** `audit blog since 2h as csv` */
export interface AuditCommand {
  action: 'audit';
  of?: AuditTarget;
  /** Seconds before now, or milliseconds since 1970. */
  since?: { ago: number } | { at: number };
  /** Only entries with a smaller number. */
  before?: number;
  as?: ExportFormat;
}
