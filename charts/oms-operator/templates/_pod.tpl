{{/* The pod of the Deployment. */}}
{{- define "oms-operator.pod" -}}
serviceAccountName: {{ include "oms-operator.serviceAccount" . }}
automountServiceAccountToken: true
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
  {{- if .Values.docker.socket.enabled }}
  supplementalGroups: [{{ .Values.docker.socket.group }}]
  {{- end }}
containers:
  - name: oms-operator
    image: {{ include "oms-operator.image" . }}
    {{- with .Values.image.pullPolicy }}
    imagePullPolicy: {{ . }}
    {{- end }}
    args:
      {{- include "oms-operator.args" . | nindent 6 }}
    {{- with .Values.extraEnv }}
    env:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    ports:
      - name: health
        containerPort: 8081
      {{- if .Values.metrics.enabled }}
      - name: metrics
        containerPort: 8080
      {{- end }}
    livenessProbe:
      httpGet: {path: /healthz, port: health}
      {{- with .Values.livenessProbe }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    readinessProbe:
      httpGet: {path: /readyz, port: health}
      {{- with .Values.readinessProbe }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    volumeMounts:
      - name: data
        mountPath: /var/lib/oms-operator
      - name: tmp
        mountPath: /tmp
      {{- if .Values.docker.socket.enabled }}
      - name: docker-socket
        mountPath: /var/run/docker.sock
      {{- end }}
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: data
    persistentVolumeClaim:
      claimName: {{ include "oms-operator.claim" . }}
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- if .Values.docker.socket.enabled }}
  - name: docker-socket
    hostPath:
      path: {{ .Values.docker.socket.path }}
      type: Socket
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- include "oms-operator.placement" . }}
{{- end -}}

{{- define "oms-operator.args" -}}
- run
- --log-level={{ .Values.log.level }}
- --log-format={{ .Values.log.format }}
{{- if .Values.leaderElection.enabled }}
- --leader-elect
- --lease-namespace={{ .Release.Namespace }}
{{- end }}
{{- if not .Values.metrics.enabled }}
- --metrics-address=none
{{- end }}
{{- if or .Values.leaderElection.enabled .Values.selector }}
- --lease-name={{ include "oms-operator.lease" . }}
{{- end }}
{{- with .Values.selector }}
- {{ printf "--selector=%s" . | quote }}
{{- end }}
{{- range .Values.watchNamespaces }}
- --namespace={{ . }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where the pod may run; of all of it, nothing by default. */}}
{{- define "oms-operator.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- $ours := dict "matchLabels" (include "oms-operator.selectorLabels" $ | fromYaml) }}
  {{- range . }}
  - {{ toYaml (hasKey . "labelSelector" | ternary . (set (deepCopy .) "labelSelector" $ours)) | nindent 4 | trim }}
  {{- end }}
{{- end }}
{{- end -}}
