"""How much of an upload is taken in."""

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from practices.importers.sheets import LARGEST_FILE


class LimitedUploadHandler(FileUploadHandler):
    """Keeps nothing of a file that turns out to be larger than the desk reads; the rest of it is passed over.

    The connection is not cut, or the browser would show an error of its own in place of the form's.
    """

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.size = 0

    def receive_data_chunk(self, raw_data, start):
        self.size += len(raw_data)
        if self.size > LARGEST_FILE:
            raise SkipFile
        return raw_data

    def file_complete(self, file_size):
        return None
