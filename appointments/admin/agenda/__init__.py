"""The agenda: days and weeks as the front desk sees them on paper, with what comes next of each visit."""
