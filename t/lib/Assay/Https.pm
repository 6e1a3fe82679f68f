package Assay::Https;

# A server over HTTPS on loopback, by openssl(1). What it answers is a file's
# octets, headers and all, so that any reply can be tried.
#
#   my $s = Assay::Https->start("$dir/site", qw(mta-sts.good.example));
#   $s->reply('.well-known/mta-sts.txt', $body, type => 'text/plain');
#   $s->at;     # "127.0.0.1@45321"
#   $s->ca;     # the file to trust
use strict;
use warnings;
use Time::HiRes 'sleep';

sub write_file {
    my ($file, $text) = @_;
    open my $fh, '>:raw', $file or die "$file: $!";
    print {$fh} $text;
    close $fh or die "$file: $!";
    return;
}

# A certificate that is its own issuer, for these names.
sub certificate {
    my ($file, $days, $more, @names) = @_;
    my @command = (qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test),
        '-keyout', "$file.key", '-out', $file, '-days', $days,
        '-addext', 'subjectAltName=' . join(',', map { "DNS:$_" } @names), map { ('-addext', $_) } @$more);
    my $quoted = join ' ', map { "'$_'" } @command;
    `$quoted 2>&1`;
    die "openssl req: $?" if $?;
    return $file;
}

sub start {
    my ($class, $dir, @names) = @_;
    mkdir $dir or die "$dir: $!";
    my $self = bless { dir => $dir, owner => $$ }, $class;
    certificate("$dir/cert.pem", 2, [], @names);
    $self->{pid} = fork // die "fork: $!";
    if (!$self->{pid}) {
        require POSIX;
        open STDIN,  '<', '/dev/null' or POSIX::_exit(99);
        open STDOUT, '>', "$dir/log"  or POSIX::_exit(99);
        open STDERR, '>&', \*STDOUT   or POSIX::_exit(99);
        chdir $dir or POSIX::_exit(99);
        exec(qw(openssl s_server -HTTP -accept 127.0.0.1:0 -cert cert.pem -key cert.pem.key))
            or POSIX::_exit(99);
    }
    for (1 .. 200) {
        open my $fh, '<', "$dir/log" or do { sleep 0.02; next };
        local $/;
        ($self->{port}) = (<$fh> // '') =~ /^ACCEPT \S*:(\d+)$/m;
        last if $self->{port};
        sleep 0.02;
    }
    die "openssl s_server does not start\n" unless $self->{port};
    return $self;
}

sub ca { return "$_[0]{dir}/cert.pem" }
sub at { return "127.0.0.1\@$_[0]{port}" }

# raw: all of the reply.
sub reply {
    my ($self, $path, $body, %o) = @_;
    my $sub = '';
    for my $part (split m{/}, $path =~ s{[^/]*\z}{}r) {
        $sub .= "/$part";
        mkdir "$self->{dir}$sub";
    }
    my $head = "HTTP/1.1 200 OK\r\nContent-Type: " . ($o{type} // 'text/plain') . "\r\n\r\n";
    write_file("$self->{dir}/$path", $o{raw} // $head . $body);
    return;
}

sub DESTROY {
    my ($self) = @_;
    return unless $self->{pid} && $self->{owner} == $$;
    local $?;
    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
