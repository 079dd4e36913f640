"""The grader: a completion goes in, a Verdict comes out."""
