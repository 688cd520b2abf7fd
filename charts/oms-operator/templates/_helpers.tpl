{{- define "oms-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Of everything in the release; the release's name where that says it already. */}}
{{- define "oms-operator.fullname" -}}
{{- $name := include "oms-operator.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* A Deployment's selector can never be changed: neither may these. */}}
{{- define "oms-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "oms-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "oms-operator.lease" -}}
{{- if .Values.leaderElection.leaseName -}}
{{- .Values.leaderElection.leaseName -}}
{{- else if or .Values.selector .Values.watchNamespaces -}}
{{- include "oms-operator.fullname" . -}}
{{- else -}}
oms-operator
{{- end -}}
{{- end -}}

{{- define "oms-operator.labels" -}}
{{ include "oms-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "oms-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "oms-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name must be said when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "oms-operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "oms-operator.claim" -}}
{{- default (include "oms-operator.fullname" .) .Values.backups.existingClaim -}}
{{- end -}}

{{- define "oms-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "oms-operator.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What a schema cannot say so that a person understands it. */}}
{{- define "oms-operator.check" -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- if not .Values.leaderElection.enabled -}}
{{- fail "replicas is more than 1, so leaderElection.enabled must be true: two operators would carry out the same upgrade" -}}
{{- end -}}
{{- if and (not .Values.backups.existingClaim) (eq .Values.backups.accessMode "ReadWriteOncePod") -}}
{{- fail "replicas is more than 1, so backups.accessMode cannot be ReadWriteOncePod: the second pod would never start" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "serviceMonitor.enabled needs metrics.enabled: there would be nothing to scrape" -}}
{{- end -}}
{{- if and .Values.docker.socket.enabled (kindIs "invalid" .Values.docker.socket.group) -}}
{{- fail "docker.socket.enabled needs docker.socket.group, the group id that owns the socket on the node: stat -c %g /var/run/docker.sock" -}}
{{- end -}}
{{- end -}}
