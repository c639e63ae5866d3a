# Who from outside this account may come in, and how far. Nobody gets a key: each shows a token that its own cloud signed.

locals {
  google_audience = var.trusted_google == null ? null : var.trusted_google.audience
  azure_issuer    = var.trusted_azure == null ? null : "sts.windows.net/${var.trusted_azure.tenant_id}/"

  github_issuer   = "token.actions.githubusercontent.com"
  github_provider = var.github == null ? null : coalesce(var.github.provider_arn, one(aws_iam_openid_connect_provider.github[*].arn))

  # What another cloud's functions do here: they read and write cube and state of this lake, and nothing else in its bucket. Names they
  # may list; a condition on them would turn "there is no such object" into a refusal.
  guest_statements = concat(
    [
      local.lake_list,
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${aws_s3_bucket.lake.arn}/lake/*"]
      },
      {
        Sid      = "RowsStay"
        Effect   = "Deny"
        Action   = concat(["s3:DeleteObject", "s3:PutObject"], var.guests_read_rows ? [] : ["s3:GetObject"])
        Resource = ["${aws_s3_bucket.lake.arn}/lake/index/*", "${aws_s3_bucket.lake.arn}/lake/rows/*"]
      },
    ],
    local.key,
  )
}

# Google's issuer is known to AWS: it needs no provider. `aud` is the service account again; `oaud` is the audience that was asked for.
resource "aws_iam_role" "google" {
  count = var.trusted_google == null ? 0 : 1

  name                 = "${var.name}-from-google"
  max_session_duration = 3600
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "accounts.google.com" }
      Condition = { StringEquals = {
        "accounts.google.com:oaud" = local.google_audience
        "accounts.google.com:sub"  = sort(values(var.trusted_google.subjects))
      } }
    }]
  })
}

resource "aws_iam_role_policy" "google" {
  count = var.trusted_google == null ? 0 : 1

  name   = "genops"
  role   = aws_iam_role.google[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.guest_statements })
}

resource "aws_iam_openid_connect_provider" "azure" {
  count = var.trusted_azure == null ? 0 : 1

  url            = "https://${local.azure_issuer}"
  client_id_list = [var.trusted_azure.audience]
  tags           = local.tags
}

resource "aws_iam_role" "azure" {
  count = var.trusted_azure == null ? 0 : 1

  name                 = "${var.name}-from-azure"
  max_session_duration = 3600
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.azure[0].arn }
      Condition = { StringEquals = {
        "${local.azure_issuer}:aud" = var.trusted_azure.audience
        "${local.azure_issuer}:sub" = sort(values(var.trusted_azure.subjects))
      } }
    }]
  })
}

resource "aws_iam_role_policy" "azure" {
  count = var.trusted_azure == null ? 0 : 1

  name   = "genops"
  role   = aws_iam_role.azure[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.guest_statements })
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github == null ? 0 : (var.github.provider_arn == null ? 1 : 0)

  url            = "https://${local.github_issuer}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = local.tags
}

resource "aws_iam_role" "github" {
  count = var.github == null ? 0 : 1

  name                 = "${var.name}-from-github"
  max_session_duration = 3600
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = local.github_provider }
      Condition = { StringEquals = {
        "${local.github_issuer}:aud" = "sts.amazonaws.com"
        "${local.github_issuer}:sub" = "repo:${var.github.repository}:environment:${var.github.environment}"
      } }
    }]
  })
}

# A deployment replaces code, and then looks whether it works: `genops doctor` reads a configuration (doctor.yaml where genops.yaml names
# secrets, which a deployment has no business with) and tries the lake.
resource "aws_iam_role_policy" "github" {
  count = var.github == null ? 0 : 1

  name = "genops"
  role = aws_iam_role.github[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "Deploy"
          Effect   = "Allow"
          Action   = ["lambda:GetFunction", "lambda:GetFunctionConfiguration", "lambda:UpdateFunctionCode"]
          Resource = [for function in aws_lambda_function.function : function.arn]
        },
        local.lake_list,
        { Sid = "ReadConfig", Effect = "Allow", Action = ["s3:GetObject"], Resource = [for name in ["genops.yaml", "doctor.yaml"] : "${aws_s3_bucket.lake.arn}/${name}"] },
        {
          Sid      = "Doctor"
          Effect   = "Allow"
          Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
          Resource = ["${aws_s3_bucket.lake.arn}/lake/doctor/*"]
        },
      ],
      local.key,
    )
  })
}
