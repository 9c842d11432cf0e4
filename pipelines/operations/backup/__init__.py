"""Backup and restore: dated folders that anybody can check with sha256sum, and the way back.

tree      what of an installation belongs to a backup
folder    what a backup folder holds: the files, SHA256SUMS, manifest.json
copying   one file into a backup: copied and hashed in one go, or linked to the backup before
taking    a whole backup
restoring the way back
told      what the commands do and say
"""
