"""The checks of the exercises: one module a lesson, one function an exercise (`s3.s3_1` for S3.1)."""
