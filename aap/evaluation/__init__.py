"""Following the funded projects: plan, milestones, indicators, measures, reports, verdict and follow-up decision."""
