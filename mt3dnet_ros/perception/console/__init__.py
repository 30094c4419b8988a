"""What perception sees, as a transparent picture for the surgeon's console: drawn, limited, switched, never stale."""
