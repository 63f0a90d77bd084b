# A bucket for an archive on AWS, with a writer that cannot delete and a reader that cannot write.
# The policies are those of deploy/policies; nothing ever expires an object or a version.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.60"
    }
  }
}

variable "bucket" {
  description = "Name of the bucket, which must be free in all of AWS."
  type        = string
}

variable "lock" {
  description = "Whether objects may be locked (RECORDKEEP_LOCK_DAYS); cannot be undone."
  type        = bool
  default     = false
}

resource "aws_s3_bucket" "archive" {
  bucket              = var.bucket
  object_lock_enabled = var.lock

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_s3_bucket_versioning.archive]

  rule {
    id     = "RecordkeepDropsUploadsThatBrokeOff"
    status = "Enabled"

    filter {
      prefix = ""
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_iam_user" "writer" {
  name = "${var.bucket}-writer"
}

resource "aws_iam_user" "reader" {
  name = "${var.bucket}-reader"
}

locals {
  policies = {
    for name, user in { writer = aws_iam_user.writer, reader = aws_iam_user.reader } :
    name => jsondecode(replace(
      replace(file("${path.module}/../policies/${name}.json"), "BUCKET", var.bucket),
      "\"${upper(name)}\"", "\"${user.arn}\"",
    ))
  }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_s3_bucket_public_access_block.archive]

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.policies.writer.Statement, local.policies.reader.Statement)
  })
}

output "store" {
  description = "For RECORDKEEP_STORE. Make the users' keys by hand, so that no state holds them."
  value       = "s3://${aws_s3_bucket.archive.id}/archive"
}
